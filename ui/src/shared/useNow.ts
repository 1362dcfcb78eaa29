import { useEffect, useState } from "react";

const MINUTE = 60_000;

/** The time in Unix milliseconds, renewed every minute: what "today" means changes while a window is open. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return now;
}
