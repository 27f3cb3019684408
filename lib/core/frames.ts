import type { Clock } from './clock.js';

/** Calls back once, at the next frame. @returns what cancels that; calling it again does nothing */
export type Frames = (run: () => void) => () => void;

// Structural, so that the public types need no DOM.
interface Page {
  readonly document?: { readonly hidden?: boolean };
  requestAnimationFrame?(run: () => void): number;
  cancelAnimationFrame?(id: number): void;
}
// The seam for frames, as clock.ts is for time. Read at each frame: a page is hidden and shown.
const page = globalThis as unknown as Page;

/** A frame of 60 per second. */
const FRAME_MS = 16;
/** A frame that takes longer may never come: browsers stop them for what is out of sight, a hidden page or not. */
const PATIENCE_MS = 100;

/** The page's animation frames; where there are none, or none come, a timer. */
export function framesOf(clock: Clock): Frames {
  return (run) => {
    if (!page.requestAnimationFrame || page.document?.hidden) return clock.after(FRAME_MS, run);
    const cancel = (): void => {
      page.cancelAnimationFrame?.(id);
      cancelTimer();
    };
    const fire = (): void => {
      cancel();
      run();
    };
    const id = page.requestAnimationFrame(fire);
    const cancelTimer = clock.after(PATIENCE_MS, fire);
    return cancel;
  };
}
