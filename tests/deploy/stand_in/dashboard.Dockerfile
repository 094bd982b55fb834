# An image that stands for that of the dashboard: its nginx and its configuration, without its page.
FROM nginx:1.30.4-alpine-slim
COPY infrastructure/docker/nginx.conf infrastructure/docker/admin-api-address.conf /etc/nginx/
COPY stand_in/release.json /usr/share/nginx/html/
USER 101:101
HEALTHCHECK --interval=1s --timeout=10s --retries=20 --start-period=10s CMD ["wget", "-q", "-Y", "off", "-O", "/dev/null", "http://127.0.0.1:3000/healthz"]
ENTRYPOINT ["nginx", "-e", "stderr", "-g", "daemon off;"]
CMD []
