# The image of the dashboard: nginx, which serves its files and proxies /api/ and /metrics to the Admin API.
# Build it from the repository's root: docker build -f infrastructure/docker/dashboard.Dockerfile .

# The files are the same for all platforms, so they are built on the build platform.
FROM --platform=$BUILDPLATFORM node:24.19.0-bookworm-slim AS dashboard
WORKDIR /build
COPY services/health-dashboard/package.json services/health-dashboard/package-lock.json services/health-dashboard/.npmrc ./
RUN npm ci --silent --no-audit --no-fund
COPY services/health-dashboard ./
RUN npm run --silent build && chmod -R a+rX dist

FROM nginx:1.30.4-alpine-slim
COPY --chmod=0644 infrastructure/docker/nginx.conf infrastructure/docker/admin-api-address.conf /etc/nginx/
COPY --from=dashboard /build/dist /usr/share/nginx/html
# The user nginx of the image, as a number so that Kubernetes can verify that it is not root.
USER 101:101
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=60s \
    CMD ["wget", "-q", "-Y", "off", "-O", "/dev/null", "http://127.0.0.1:3000/healthz"]
# Without the start script of the image, which would change the configuration on a read-only file system.
ENTRYPOINT ["nginx", "-e", "stderr", "-g", "daemon off;"]
CMD []
