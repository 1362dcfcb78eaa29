import { useEffect, useState } from "react";

import type { ServerProbed, WireError } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { serverProblem, writeEndpoint } from "./servers";
import type { ServerForm, ServerKind } from "./servers";

/** What is known of a server that is being typed. */
export type Probe =
  | { state: "idle" }
  | { state: "asking" }
  | { state: "answers" }
  | { state: "silent"; error: WireError | null };

/** After so long without a key press a name counts as typed. */
export const TYPED_MS = 700;

/** What an answer says. A core that cannot tell says nothing about the server. */
function told({ answers, error }: ServerProbed): Probe {
  return answers ? { state: "answers" } : { state: "silent", error };
}

/** Asks whether a mail server answers there while it is being typed. No credentials are sent. */
export function useProbe(kind: ServerKind, form: ServerForm, trusted: string | null): Probe {
  const door = useDoor();
  const endpoint = serverProblem(form) === null ? writeEndpoint(form) : null;
  const [probe, setProbe] = useState<{ of: string | null; is: Probe }>({ of: null, is: { state: "idle" } });

  useEffect(() => {
    if (endpoint === null) {
      return undefined;
    }
    let isWanted = true;
    const say = (is: Probe) => isWanted && setProbe({ of: endpoint, is });
    const ask = async () => {
      say({ state: "asking" });
      try {
        const exception = trusted === null ? {} : { fingerprint: trusted };
        say(told(await door.call("server_probe", { protocol: kind, endpoint, ...exception })));
      } catch (error) {
        const wire = wireOf(error);
        say(wire.code === "internal" ? { state: "idle" } : { state: "silent", error: wire });
      }
    };
    const timer = setTimeout(() => void ask(), TYPED_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [door, kind, endpoint, trusted]);

  return probe.of === endpoint ? probe.is : { state: "idle" };
}
