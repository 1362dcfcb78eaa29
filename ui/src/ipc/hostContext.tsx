import { createContext, useContext } from "react";
import type { ReactNode } from "react";

import type { Host } from "./host";

const HostContext = createContext<Host | null>(null);

/** Gives the screens inside it what surrounds the page. */
export function HostProvider({ host, children }: { host: Host; children: ReactNode }) {
  return <HostContext value={host}>{children}</HostContext>;
}

/** What surrounds the page. */
export function useHost(): Host {
  const host = useContext(HostContext);
  if (host === null) {
    throw new Error("useHost needs a HostProvider around it");
  }
  return host;
}
