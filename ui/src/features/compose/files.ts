import type { DraftFile } from "../../ipc/contract";

/** A multiple of three, so that the pieces of base64 fit together. */
const PIECE = 3 * 256 * 1024;

/** A file as base64, read piece by piece so that the window stays alive. */
export async function readBase64(file: Blob, onProgress: (part: number) => void): Promise<string> {
  const pieces: string[] = [];
  for (let start = 0; start < file.size; start += PIECE) {
    // One after another: a large file is never in the memory twice.
    // oxlint-disable-next-line no-await-in-loop
    pieces.push(await pieceAsBase64(file.slice(start, start + PIECE)));
    onProgress(Math.min(1, (start + PIECE) / file.size));
  }
  return pieces.join("");
}

function pieceAsBase64(piece: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const url = String(reader.result);
      resolve(url.slice(url.indexOf(",") + 1));
    });
    reader.addEventListener("error", () => reject(reader.error ?? new Error("unreadable")));
    reader.readAsDataURL(piece);
  });
}

/** The bytes that a file takes in a message: base64 (RFC 2045 §6.8) in lines of 76, and its header. */
export function encodedSize(bytes: number): number {
  const signs = Math.ceil(bytes / 3) * 4;
  return signs + Math.ceil(signs / 76) * 2 + 300;
}

/** About the bytes of the whole message. */
export function messageSize(textLength: number, files: readonly Pick<DraftFile, "size">[]): number {
  return files.reduce((sum, { size }) => sum + encodedSize(size), 2000 + Math.ceil(textLength * 1.4));
}

/** A file that is not taken, with the size that the message would have. */
export interface Refusal {
  file: File;
  would: number;
  limit: number;
}

/** Which files still fit below the limit, in their order, and which do not. */
export function chooseFitting(
  files: readonly File[],
  size: number,
  limit: number | null,
): { taken: File[]; refused: Refusal[] } {
  const taken: File[] = [];
  const refused: Refusal[] = [];
  let sum = size;
  for (const file of files) {
    const would = sum + encodedSize(file.size);
    if (limit !== null && would > limit) {
      refused.push({ file, would, limit });
    } else {
      taken.push(file);
      sum = would;
    }
  }
  return { taken, refused };
}

/** What a drop or a paste brings: its files, and whether there were folders among them. */
export function droppedFiles(transfer: DataTransfer): { files: File[]; hasFolder: boolean } {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = items.flatMap((item, index) => {
    const file = entries[index]?.isDirectory === true ? null : item.getAsFile();
    return file === null ? [] : [file];
  });
  return {
    files: items.length === 0 ? [...transfer.files] : files,
    hasFolder: entries.some((entry) => entry?.isDirectory === true),
  };
}
