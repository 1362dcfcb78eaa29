/**
 * How each language speaks of an attachment. Beginnings of words, in small letters; the text is looked through in all
 * of them, since people write in more than one language.
 */
const WORDS: Readonly<Record<string, readonly RegExp[]>> = {
  en: [
    /\battach(?:ed|ing|ments?)\b/u,
    /\bi(?:'ve|’ve| have)? attach\b/u,
    /\benclos(?:ed|ing|ures?)\b/u,
    /\bsee the file\b/u,
    /\bhere (?:is|are) the files?\b/u,
  ],
  pl: [
    /(?<!\p{L})załącz(?:am|amy|ę|ymy|yłem|yłam|yliśmy|ono|on[yae]|enie|eni[au]|niki?|nika|niku|nikiem|nikach|nikami|ników)(?!\p{L})/u,
    /(?<!\p{L})zalacz(?:am|amy|nik\p{L}*|eniu|on[yae])(?!\p{L})/u,
    /(?<!\p{L})w\s+za[łl][.:]?(?!\p{L})/u,
    /(?<!\p{L})dołącz(?:am|amy|yłem|yłam|on[yae]|ony plik)(?!\p{L})/u,
    /(?<!\p{L})(?:przesyłam|wysyłam) (?:plik|skan|dokument|zdjęci|faktur)\p{L}*/u,
  ],
  ru: [
    /(?<!\p{L})влож(?:ени\p{L}+|ен[оаы]?|ил[аи]?|у)(?!\p{L})/u,
    /(?<!\p{L})(?:во вложении|в приложении)(?!\p{L})/u,
    /(?<!\p{L})прилага(?:ю|ем|ется|ются)(?!\p{L})/u,
    /(?<!\p{L})прикрепл(?:яю|яем|[её]н\p{L}*)(?!\p{L})/u,
    /(?<!\p{L})прикрепил[аи]?(?!\p{L})/u,
    /(?<!\p{L})приложил[аи]?(?!\p{L})/u,
    /(?<!\p{L})(?:высылаю|отправляю|пересылаю) (?:файл|документ|скан|фото|сч[её]т)\p{L}*/u,
  ],
};

/** The words of the person's own text that speak of an attachment; nothing when none do. */
export function attachmentWord(own: string): string | null {
  const text = own
    .toLowerCase()
    .split("\n")
    .filter((line) => !line.trimStart().startsWith(">"))
    .join("\n");
  for (const patterns of Object.values(WORDS)) {
    for (const pattern of patterns) {
      const found = pattern.exec(text);
      if (found !== null && !isDenied(text, found.index)) {
        return found[0];
      }
    }
  }
  return null;
}

/** "No attachment", "without attachments", "bez załączników", "без вложений": then none is expected. */
function isDenied(text: string, index: number): boolean {
  return /(?:(?<!\p{L})(?:no|without|not|bez|nie|без|не)\s+)$/u.test(text.slice(0, index));
}
