import { useEffect, useState } from "react";

import { useDoor } from "../../ipc/context";
import { NO_LOADS, afterEvent } from "./progress";
import type { Loads } from "./progress";

/** The loads that run now. */
export function useLoads(): Loads {
  const door = useDoor();
  const [loads, setLoads] = useState(NO_LOADS);
  useEffect(
    () => door.listen((event) => setLoads((before) => afterEvent(before, event, Date.now()))),
    [door],
  );
  return loads;
}
