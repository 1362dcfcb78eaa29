import { useCommandMutation } from "../../ipc/query";

/** Looking for new mail right now. */
export interface Check {
  isRunning: boolean;
  error: Error | null;
  /** One account, or all. */
  run: (address?: string) => void;
}

export function useCheck(): Check {
  const sync = useCommandMutation("sync_run");
  return {
    isRunning: sync.isPending,
    error: sync.error,
    run: (address) => {
      if (!sync.isPending) {
        sync.mutate(address === undefined ? {} : { address });
      }
    },
  };
}
