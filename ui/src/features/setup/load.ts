/** How far a folder is. */
export interface FolderLoad {
  messages: number;
  messagesTotal: number;
  bytes: number;
  bytesTotal: number;
}

/** Where the load stood at a time. */
interface Sample {
  at: number;
  messages: number;
  bytes: number;
}

/** The first load as far as the core has told. Times are milliseconds of one steady clock. */
export interface Load {
  folders: Readonly<Record<string, FolderLoad>>;
  samples: readonly Sample[];
}

/** What there is to show. */
export interface LoadFigures extends FolderLoad {
  /** 0 to 1; `null` while nothing is known. */
  share: number | null;
  /** Bytes per second over the last seconds; `null` while too little is known. */
  bytesPerSecond: number | null;
  /** Seconds; `null` while too little is known. */
  secondsLeft: number | null;
}

export const EMPTY_LOAD: Load = { folders: {}, samples: [] };

/** The rate is taken over this time: long enough to be steady, short enough to follow the network. */
const WINDOW_MS = 10_000;
/** Below this nothing is said about the rate. */
const SHORTEST_MS = 800;

function sum(folders: Load["folders"]): FolderLoad {
  const total: FolderLoad = { messages: 0, messagesTotal: 0, bytes: 0, bytesTotal: 0 };
  for (const folder of Object.values(folders)) {
    total.messages += folder.messages;
    total.messagesTotal += folder.messagesTotal;
    total.bytes += folder.bytes;
    total.bytesTotal += folder.bytesTotal;
  }
  return total;
}

/** The load after a folder told how far it is. */
export function withProgress(load: Load, folder: string, progress: FolderLoad, at: number): Load {
  const folders = { ...load.folders, [folder]: progress };
  const { messages, bytes } = sum(folders);
  const recent = load.samples.filter((sample) => at - sample.at <= WINDOW_MS);
  return { folders, samples: [...recent, { at, messages, bytes }] };
}

/** Sums, rate and time left. */
export function figures(load: Load): LoadFigures {
  const total = sum(load.folders);
  const share = total.messagesTotal > 0 ? Math.min(1, total.messages / total.messagesTotal) : null;
  const [first, last] = [load.samples[0], load.samples.at(-1)];
  const elapsed = first === undefined || last === undefined ? 0 : last.at - first.at;
  if (first === undefined || last === undefined || elapsed < SHORTEST_MS) {
    return { ...total, share, bytesPerSecond: null, secondsLeft: null };
  }
  const seconds = elapsed / 1000;
  const messagesPerSecond = (last.messages - first.messages) / seconds;
  const left = total.messagesTotal - total.messages;
  return {
    ...total,
    share,
    bytesPerSecond: Math.max(0, (last.bytes - first.bytes) / seconds),
    secondsLeft: messagesPerSecond > 0 ? Math.ceil(left / messagesPerSecond) : null,
  };
}
