import { PENDING, parseHtml } from "./html";

/** The kinds of picture that every mail program shows. */
export const PICTURES = /^image\/(?:png|jpe?g|gif|webp)$/i;

/** HTML that was pasted, without what a message should not have, and the pictures that it brings in itself. */
export interface CleanPaste {
  html: string;
  /** Pictures by the name that stands for them in the HTML. */
  pictures: { src: string; file: File }[];
}

/**
 * Cleans pasted HTML. What the editor does not know it drops by itself; here goes what it would misread: styles, office
 * markup, and pictures that would load from a network. `newName` gives the names for pictures.
 */
export function cleanPaste(html: string, newName: () => string): CleanPaste {
  const body = parseHtml(html);
  for (const element of body.querySelectorAll(
    "style, script, meta, link, title, noscript, template, iframe, object",
  )) {
    element.remove();
  }
  const pictures: CleanPaste["pictures"] = [];
  for (const image of body.querySelectorAll("img")) {
    const file = fileOfDataUrl(image.getAttribute("src") ?? "");
    if (file === null) {
      image.replaceWith(image.getAttribute("alt") ?? "");
    } else {
      const src = newName();
      pictures.push({ src, file });
      image.setAttribute("src", src);
    }
  }
  for (const link of body.querySelectorAll("a")) {
    if (!/^(?:https?|mailto|tel):/i.test(link.getAttribute("href") ?? "")) {
      link.replaceWith(...link.childNodes);
    }
  }
  return { html: body.innerHTML, pictures };
}

/** True when pasted HTML is nothing but a picture, as browsers give it beside the picture itself. */
export function isOnlyPicture(html: string): boolean {
  const body = parseHtml(html);
  return body.textContent.trim() === "" && body.querySelectorAll("img").length === 1;
}

/** A name for a picture that is no file of the draft yet. */
export function pendingName(): string {
  return `${PENDING}${crypto.randomUUID()}`;
}

function fileOfDataUrl(url: string): File | null {
  const [, type = "", data = ""] = /^data:(image\/[a-z+]+);base64,([A-Za-z0-9+/=\s]+)$/i.exec(url) ?? [];
  if (!PICTURES.test(type)) {
    return null;
  }
  try {
    const bytes = Uint8Array.from(atob(data.replace(/\s/g, "")), (letter) => letter.codePointAt(0) ?? 0);
    return new File([bytes], `picture.${type.slice(6).replace("jpeg", "jpg")}`, { type });
  } catch {
    return null;
  }
}

/** A file as an address that the window can show at once. */
export function dataUrl(file: Blob): Promise<string | null> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.addEventListener("error", () => resolve(null));
    reader.readAsDataURL(file);
  });
}
