import { useEffect } from "react";

/**
 * Leaves a User Timing mark when what a component shows now is on the screen, once for each `detail` and never for null.
 * Developer tools show it, and the benchmark of the window reads it; only the newest of a name is kept.
 */
export function usePaintMark(name: string, detail: string | null): void {
  useEffect(() => {
    if (detail === null) {
      return undefined;
    }
    let rest: ReturnType<typeof setTimeout> | undefined;
    // The next frame draws it; what runs after that frame's callbacks runs when it is drawn.
    const frame = requestAnimationFrame(() => {
      rest = setTimeout(() => {
        performance.clearMarks(name);
        performance.mark(name, { detail });
      });
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(rest);
    };
  }, [name, detail]);
}
