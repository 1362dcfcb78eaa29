import { useEffect, useState } from "react";

import { useDoor } from "../../ipc/context";

/** What the browser was asked to open. */
export interface OpenedPage {
  url: string;
  /** The system opened no browser for it. */
  failed: boolean;
}

/** Opens the page that a sign-in of the address announces while it is waited for, and says which one it was. */
export function useOpenedPage(address: string, isWaiting: boolean): OpenedPage | null {
  const door = useDoor();
  const [page, setPage] = useState<OpenedPage | null>(null);
  useEffect(() => {
    if (!isWaiting) {
      return undefined;
    }
    const stop = door.listen((event) => {
      if (event.event === "signin_opened" && event.address === address) {
        const { url } = event;
        setPage({ url, failed: false });
        door.openExternal(url).catch(() => setPage({ url, failed: true }));
      }
    });
    return () => {
      stop();
      setPage(null);
    };
  }, [door, address, isWaiting]);
  return page;
}
