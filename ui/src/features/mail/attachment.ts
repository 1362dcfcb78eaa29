import type { AttachmentView } from "../../ipc/contract";
import { isPicture } from "../../shared/frame/frame";

/** How an attachment can be looked at inside the window. */
export type PreviewKind = "picture" | "pdf";

/** The kind of preview that there is for an attachment; `null` when there is none. */
export function previewOf({ content_type: type, filename }: AttachmentView): PreviewKind | null {
  if (isPicture(type) || (isUnspecific(type) && /\.(png|jpe?g|gif|webp|bmp)$/i.test(filename))) {
    return "picture";
  }
  return /^application\/(x-)?pdf$/i.test(type) || (isUnspecific(type) && /\.pdf$/i.test(filename))
    ? "pdf"
    : null;
}

const isUnspecific = (type: string) => /^application\/octet-stream$/i.test(type);

/** The type of a picture for its object URL: only kinds that are nothing but points. */
export function pictureType({ content_type: type, filename }: AttachmentView): string {
  if (isPicture(type)) {
    return type.toLowerCase();
  }
  const end = /\.(\w+)$/.exec(filename)?.[1]?.toLowerCase() ?? "png";
  return `image/${end === "jpg" ? "jpeg" : end}`;
}

/** The bytes that a base64 text stands for. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) {
    bytes[index] = binary.charCodeAt(index);
  }
  return bytes;
}

/** A name for the file of a message, from its subject. */
export function messageFilename(subject: string): string {
  return `${subject.replace(/[^\p{L}\p{N}._-]+/gu, " ").trim() || "message"}.eml`;
}

/** The next step of a zoom; steps are of a quarter, from a quarter to fourfold. */
export function zoomed(zoom: number, step: number): number {
  return Math.min(4, Math.max(0.25, Math.round((zoom + step * 0.25) * 4) / 4));
}
