import { describe, expect, test } from "vitest";

import { attachmentWord } from "./reminder";

describe("text that speaks of an attachment", () => {
  test.each([
    ["Please find the invoice attached.", "attached"],
    ["See the attachment", "attachment"],
    ["I attach the contract", "i attach"],
    ["ENCLOSED you find", "enclosed"],
    ["Here are the files.", "here are the files"],
    ["W załączniku umowa", "załączniku"],
    ["Załączam fakturę", "załączam"],
    ["w załączeniu przesyłam", "załączeniu"],
    ["W zalaczniku umowa", "zalaczniku"],
    ["Oferta w zał.", "w zał."],
    ["Dołączam skan", "dołączam"],
    ["Przesyłam fakturę", "przesyłam fakturę"],
    ["Документы во вложении", "вложении"],
    ["Прилагаю договор", "прилагаю"],
    ["Файл прикреплён", "прикреплён"],
    ["прикрепила отчёт", "прикрепила"],
    ["Отправляю счёт", "отправляю счёт"],
  ])("%s _is_noticed", (text, word) => {
    expect(attachmentWord(text)).toBe(word);
  });

  test.each([
    "Hello Anna, see you on Thursday.",
    "There is no attachment.",
    "Wysyłam bez załączników.",
    "Письмо без вложений.",
    "> please find the invoice attached",
    "Приложение обновилось",
    "Detached house",
    "",
  ])("%s _is_not_noticed", (text) => {
    expect(attachmentWord(text)).toBeNull();
  });
});
