import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { AccountView, EventView } from "../../ipc/contract";
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
  /** A connected mailbox whose setup is gone on with. */
  resume?: AccountView | null;
}

export type Send = (event: Event) => void;

/** The core's event as the wizard's; `null` for one that says nothing to it. `at` is the time on a steady clock. */
function heard(event: EventView, at: number): Event | null {
  switch (event.event) {
    case "detection_stepped":
      return { type: "detection_stepped", address: event.address, step: event.step };
    case "signin_opened":
      return { type: "signin_opened", address: event.address, url: event.url };
    case "account_changed":
      return { type: "account_changed", address: event.address };
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

const nothing = () => null;

/** Carries out an effect and answers with the event that it ends in. */
async function perform(door: Door, effect: Effect, outside: Outside): Promise<Event | null> {
  switch (effect.type) {
    case "detect": {
      const { run, address, offline, allowHttp } = effect;
      return door.call("account_detect", { address, offline, allow_http: allowHttp }).then(
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
    case "sign_in": {
      const { run, address } = effect;
      return door.call("account_signin", { address, sign_in: { kind: "oauth" } }).then(
        (account): Event => ({ type: "account_added", run, account }),
        (error: unknown): Event => ({ type: "adding_failed", run, error: wireOf(error) }),
      );
    }
    case "ask_administrator": {
      const { run, payload } = effect;
      return door.call("approval_ask", payload).then(
        (account): Event => ({ type: "account_found", run, account }),
        (error: unknown): Event => ({ type: "approval_refused", run, error: wireOf(error) }),
      );
    }
    case "find_account": {
      const { run, address } = effect;
      const isMeant = (account: AccountView) => account.address.toLowerCase() === address.toLowerCase();
      return door.call("account_list", {}).then(
        (accounts): Event => ({ type: "account_found", run, account: accounts.find(isMeant) ?? null }),
        (error: unknown): Event => ({ type: "approval_refused", run, error: wireOf(error) }),
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
      const { run, address, fullLoop } = effect;
      return door.call("account_test", { address, full_loop: fullLoop }).then(
        ({ proofs, report }): Event => ({ type: "tested", run, proofs, report }),
        (error: unknown): Event => ({ type: "test_failed", run, error: wireOf(error) }),
      );
    }
    case "trust": {
      const { run, address, certificate } = effect;
      return door.call("certificate_trust", { address, ...certificate }).then(
        (): Event => ({ type: "certificate_kept", run }),
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
    case "learn": {
      const { run, domain, provider } = effect;
      return door.call("domain_learn", { domain, provider, servers: null }).then(
        (): Event => ({ type: "provider_learned", run }),
        (error: unknown): Event => ({ type: "learning_failed", run, error: wireOf(error) }),
      );
    }
    case "set_notify": {
      const { run, address, notify } = effect;
      return door.call("account_update", { address, notify }).then(
        (): Event => ({ type: "notify_saved", run }),
        (error: unknown): Event => ({ type: "saving_failed", run, error: wireOf(error) }),
      );
    }
    case "set_identity": {
      const { run, payload } = effect;
      return door.call("identity_save", payload).then(
        (): Event => ({ type: "signature_saved", run }),
        (error: unknown): Event => ({ type: "saving_failed", run, error: wireOf(error) }),
      );
    }
    case "keep_registration":
      // The account has it in any case; the list of registrations is only for further ones.
      return door.call("registration_save", effect.payload).then(nothing, nothing);
    case "complete":
      // When the core cannot keep it, the account is offered again as unfinished.
      return door
        .call("account_update", { address: effect.address, setup_done: true })
        .then(nothing, nothing);
    case "cancel":
      return door.call("account_cancel", { address: effect.address }).then(nothing, nothing);
    case "open":
      // A browser that does not open is no end: the address is on the screen.
      return door
        .openExternal(effect.url)
        .then(nothing, (): Event => ({ type: "browser_failed", url: effect.url }));
    case "cancel_signin":
      return door.call("signin_cancel", { address: effect.address }).then(nothing, nothing);
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

  const { resume } = outside;
  const [begun] = useState(() => resume ?? null);
  useEffect(() => {
    if (begun !== null) {
      send({ type: "resumed", account: begun });
    }
  }, [begun, send]);

  return useMemo(() => [state, send] as const, [state, send]);
}
