import { useCallback, useState } from "react";

/** What this window keeps of its own looks: never anything of the mail. */
export interface KeptLooks {
  /** Width of the folders, in pixels. */
  folders: number;
  /** Width of the list, in pixels. */
  list: number;
  /** Accounts whose folders are folded away. */
  closed: string[];
}

export const USUAL: KeptLooks = { folders: 248, list: 372, closed: [] };

/** How narrow and how wide a pane can be made, in pixels. */
export const LIMITS = { folders: [180, 420], list: [260, 720] } as const;

const NAME = "mailroom.panes";

function width(value: unknown, [min, max]: readonly [number, number], usual: number): number {
  return typeof value === "number" && value >= min && value <= max ? value : usual;
}

/** Reads what was kept; whatever is missing or makes no sense is as usual. */
export function readKept(text: string | null): KeptLooks {
  try {
    const kept = JSON.parse(text ?? "{}") as Partial<Record<keyof KeptLooks, unknown>>;
    return {
      folders: width(kept.folders, LIMITS.folders, USUAL.folders),
      list: width(kept.list, LIMITS.list, USUAL.list),
      closed: Array.isArray(kept.closed)
        ? kept.closed.filter((address): address is string => typeof address === "string")
        : [],
    };
  } catch {
    return USUAL;
  }
}

/** What this window keeps, and the way to change it. */
export function useKept(): [KeptLooks, (part: Partial<KeptLooks>) => void] {
  const [kept, setKept] = useState(() => readKept(read()));
  const keep = useCallback((part: Partial<KeptLooks>) => {
    setKept((before) => {
      const next = { ...before, ...part };
      try {
        localStorage.setItem(NAME, JSON.stringify(next));
      } catch {
        // Without a place to keep it, it holds until the window closes.
      }
      return next;
    });
  }, []);
  return [kept, keep];
}

function read(): string | null {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}
