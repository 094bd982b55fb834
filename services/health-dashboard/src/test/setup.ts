/** What jsdom lacks, and the cleanup after each test. */
import "@testing-library/jest-dom/vitest";
import { setFreshness } from "@/lib/freshness";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, vi } from "vitest";

configure({ asyncUtilTimeout: 10_000 }); // a page is loaded when it is opened, which takes time on a busy machine

if (typeof window !== "undefined") {
  // As in index.html: URLs do not depend on the route that a test has opened.
  const base = document.createElement("base");
  base.setAttribute("href", "/");
  document.head.append(base);

  window.scrollTo = () => undefined;

  window.matchMedia = (query) =>
    ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined }) as never;

  Element.prototype.scrollIntoView = () => undefined;
  Element.prototype.animate = () => ({ startTime: null, cancel: () => undefined }) as never;

  HTMLElement.prototype.scrollIntoView = () => undefined;

  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };

  HTMLCanvasElement.prototype.getContext = () => null;

  window.ResizeObserver = class {
    readonly #callback: ResizeObserverCallback;
    constructor(callback: ResizeObserverCallback) {
      this.#callback = callback;
    }
    observe(): void {
      this.#callback([], this);
    }
    unobserve(): void {
      // Nothing is kept.
    }
    disconnect(): void {
      // Nothing is kept.
    }
  };
}

afterEach(() => {
  cleanup();
  setFreshness({ asOfMs: null, hasBanner: false });
  if (typeof window !== "undefined") history.replaceState(null, "", "/");
  vi.useRealTimers();
});

// The test files share jsdom and the modules of node_modules; each has fresh modules of the dashboard.
afterAll(() => {
  vi.resetModules();
  if (typeof window === "undefined") return;
  localStorage.clear();
  sessionStorage.clear();
});
