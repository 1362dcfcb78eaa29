import { createContext, useContext } from "react";
import type { ReactNode } from "react";

import type { Door } from "./door";

const DoorContext = createContext<Door | null>(null);

/** Gives the screens inside it their way to the core. */
export function DoorProvider({ door, children }: { door: Door; children: ReactNode }) {
  return <DoorContext value={door}>{children}</DoorContext>;
}

/** The way to the core. */
export function useDoor(): Door {
  const door = useContext(DoorContext);
  if (door === null) {
    throw new Error("useDoor needs a DoorProvider around it");
  }
  return door;
}
