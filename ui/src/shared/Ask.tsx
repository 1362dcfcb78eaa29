import type { ReactNode } from "react";

import { Button } from "./Button";
import { Buttons } from "./Buttons";
import { Sheet } from "./Sheet";

interface AskProps {
  title: string;
  help: ReactNode;
  /** What there is to look at before the answer. */
  more?: ReactNode;
  yes: string;
  no: string;
  isDanger?: boolean;
  onYes: () => void;
  onNo: () => void;
}

/** A question with two answers. */
export function Ask({ title, help, more, yes, no, isDanger = false, onYes, onNo }: AskProps) {
  return (
    <Sheet isQuestion title={title} onClose={onNo}>
      <p>{help}</p>
      {more}
      <Buttons>
        <Button look={isDanger ? "danger" : "primary"} onClick={onYes}>
          {yes}
        </Button>
        <Button onClick={onNo}>{no}</Button>
      </Buttons>
    </Sheet>
  );
}
