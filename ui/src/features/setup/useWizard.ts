import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { EventView } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import type { Door } from "../../ipc/door";
import { next } from "./machine";
import { INITIAL } from "./state";
import type { Effect, Event, State } from "./state";

/** What happens outside the wizard. */
export interface Outside {
  onDone: (address: string) => void;
  onCancel?: (() => void) | undefined;
}

export type Send = (event: Event) => void;

/** The core's event as the wizard's; `null` for one that says nothing to it. `at` is the time on a steady clock. */
function heard(event: EventView, at: number): Event | null {
  switch (event.event) {
    case "signin_opened":
      return { type: "signin_opened", address: event.address, url: event.url };
    case "proof_ended":
      return { type: "proof_ended", address: event.address, proof: event.proof };
    case "inbox_readied":
      return { type: "inbox_readied", address: event.address, messages: event.messages };
    case "sync_progressed": {
      const { address, folder, messages, bytes } = event;
      const progress = {
        messages,
        messagesTotal: event.messages_total,
        bytes,
        bytesTotal: event.bytes_total,
      };
      return { type: "sync_progressed", address, folder, progress, at };
    }
    default:
      return null;
  }
}

/** Carries out an effect and answers with the event that it ends in. */
async function perform(door: Door, effect: Effect, outside: Outside): Promise<Event | null> {
  switch (effect.type) {
    case "detect": {
      const { run, address, offline } = effect;
      return door.call("account_detect", { address, offline }).then(
        (detection): Event => ({ type: "detected", run, offline, detection }),
        (error: unknown): Event => ({ type: "detection_failed", run, offline, error: wireOf(error) }),
      );
    }
    case "add": {
      const { run, payload } = effect;
      return door.call("account_add", payload).then(
        (account): Event => ({ type: "account_added", run, account }),
        (error: unknown): Event => ({ type: "adding_failed", run, error: wireOf(error) }),
      );
    }
    case "answer": {
      const { run, text } = effect;
      return door.call("signin_answer", { text }).then(
        (): Event => ({ type: "answer_taken", run }),
        (error: unknown): Event => ({ type: "answer_refused", run, error: wireOf(error) }),
      );
    }
    case "test": {
      const { run, address } = effect;
      return door.call("account_test", { address }).then(
        ({ proofs }): Event => ({ type: "tested", run, proofs }),
        (error: unknown): Event => ({ type: "test_failed", run, error: wireOf(error) }),
      );
    }
    case "list_folders": {
      const { run, address, refresh } = effect;
      return door.call("folder_list", { address, refresh }).then(
        (folders): Event => ({ type: "folders_listed", run, folders }),
        (error: unknown): Event => ({ type: "listing_failed", run, error: wireOf(error) }),
      );
    }
    case "update": {
      const { run, payload } = effect;
      return door.call("account_update", payload).then(
        ({ messages }): Event => ({ type: "choice_saved", run, messages }),
        (error: unknown): Event => ({ type: "saving_failed", run, error: wireOf(error) }),
      );
    }
    case "sync": {
      const { run, address } = effect;
      return door.call("sync_run", { address }).then(
        (reports): Event => ({ type: "synced", run, reports }),
        (error: unknown): Event => ({ type: "sync_failed", run, error: wireOf(error) }),
      );
    }
    case "open":
      // A browser that does not open is no end: the address is on the screen.
      return door.openExternal(effect.url).then(
        () => null,
        () => null,
      );
    case "cancel_signin":
      return door.call("signin_cancel", { address: effect.address }).then(
        () => null,
        () => null,
      );
    case "finish":
      outside.onDone(effect.address);
      return null;
    case "leave":
      outside.onCancel?.();
      return null;
  }
}

/** The wizard's state, and the one place where its effects are carried out. */
export function useWizard(outside: Outside): readonly [State, Send] {
  const door = useDoor();
  const [state, setState] = useState(INITIAL);
  const current = useRef(INITIAL);
  const around = useRef(outside);
  useEffect(() => {
    around.current = outside;
  });

  const send = useCallback(
    (first: Event) => {
      const take = (event: Event) => {
        const [after, effects] = next(current.current, event);
        current.current = after;
        setState(after);
        for (const effect of effects) {
          void carryOut(effect);
        }
      };
      const carryOut = async (effect: Effect) => {
        const answer = await perform(door, effect, around.current);
        if (answer !== null) {
          take(answer);
        }
      };
      take(first);
    },
    [door],
  );

  useEffect(
    () =>
      door.listen((view) => {
        const event = heard(view, performance.now());
        if (event !== null) {
          send(event);
        }
      }),
    [door, send],
  );

  return useMemo(() => [state, send] as const, [state, send]);
}
