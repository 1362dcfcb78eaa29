import { useEffect, useRef } from "react";
import type { RefObject } from "react";

/** A part of a page that comes into sight when it is what was asked about. */
export function useBroughtIntoSight(isAskedAbout: boolean): RefObject<HTMLDivElement | null> {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isAskedAbout) {
      // After the page's heading has taken the focus.
      const frame = requestAnimationFrame(() => place.current?.scrollIntoView({ block: "start" }));
      return () => cancelAnimationFrame(frame);
    }
    return undefined;
  }, [isAskedAbout]);
  return place;
}
