import { FormattedMessage, useIntl } from "react-intl";

import type { FolderSummary } from "../../ipc/contract";
import fields from "../../shared/Field.module.css";
import { folderTree } from "./folders";
import type { FolderNode } from "./folders";
import styles from "./FolderTree.module.css";
import { term } from "./terms";

interface FolderTreeProps {
  folders: readonly FolderSummary[];
  chosen: ReadonlySet<string>;
  disabled?: boolean;
  onToggle: (path: string) => void;
}

/** Folders to choose from, as the server nests them. Choosing one chooses nothing inside it. */
export function FolderTree({ folders, chosen, disabled = false, onToggle }: FolderTreeProps) {
  const intl = useIntl();
  const tree = folderTree(folders, intl.locale);
  return (
    <div className={styles.tree}>
      <Branch nodes={tree} chosen={chosen} disabled={disabled} onToggle={onToggle} />
    </div>
  );
}

function Branch({
  nodes,
  chosen,
  disabled,
  onToggle,
}: Omit<FolderTreeProps, "folders"> & { nodes: FolderNode[]; disabled: boolean }) {
  const intl = useIntl();
  return (
    <ul>
      {nodes.map((node) => (
        <li key={node.path}>
          <label className={fields.check}>
            <input
              type="checkbox"
              disabled={disabled || !node.selectable}
              checked={chosen.has(node.path)}
              onChange={() => onToggle(node.path)}
            />
            <span>
              {node.role === "inbox" ? term(intl, "role", "inbox") : node.name}
              <Role node={node} />
              {!node.selectable && (
                <span className={styles.role}>
                  {" "}
                  <FormattedMessage id="setup.choose.holder" />
                </span>
              )}
              {node.messages > 0 && (
                <span className={styles.role}>
                  {" "}
                  <FormattedMessage id="setup.choose.messages" values={{ count: node.messages }} />
                </span>
              )}
            </span>
          </label>
          {node.children.length > 0 && (
            <Branch nodes={node.children} chosen={chosen} disabled={disabled} onToggle={onToggle} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** What the folder is for, where its name does not say so already. */
function Role({ node: { role, name } }: { node: FolderNode }) {
  const intl = useIntl();
  if (role === null || role === "inbox") {
    return null;
  }
  const words = term(intl, "role", role);
  return name.toLocaleLowerCase(intl.locale) === words ? null : <span className={styles.role}> {words}</span>;
}
