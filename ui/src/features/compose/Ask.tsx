import { Button } from "../../shared/Button";
import { Sheet } from "../../shared/Sheet";
import styles from "./Composer.module.css";

interface AskProps {
  title: string;
  help: string;
  yes: string;
  no: string;
  isDanger?: boolean;
  onYes: () => void;
  onNo: () => void;
}

/** A question with two answers. */
export function Ask({ title, help, yes, no, isDanger = false, onYes, onNo }: AskProps) {
  return (
    <Sheet isQuestion title={title} onClose={onNo}>
      <p>{help}</p>
      <div className={styles.answers}>
        <Button look={isDanger ? "danger" : "primary"} onClick={onYes}>
          {yes}
        </Button>
        <Button onClick={onNo}>{no}</Button>
      </div>
    </Sheet>
  );
}
