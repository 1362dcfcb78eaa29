import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** A line to a server of the office that can be cut. */
export interface Line {
  /** The server as a program finds it at the near end: `localhost:PORT:tls`. */
  server: string;
  /** Lets whoever sends more than `bytes` over one connection lose it in place of the answer to that. */
  loseAnswersAfter(bytes: number): void;
  /** Cuts what is connected; nobody gets through any more. */
  cut(): void;
  end(): Promise<void>;
}

/** Lays a line to a server, given like `localhost:PORT:tls`. */
export async function layLine(server: string): Promise<Line> {
  const [, port = "", security = ""] = server.split(":");
  const open = new Set<Socket>();
  let [limit, isCut] = [Infinity, false];
  const near = createServer((client) => {
    const far = connect(Number(port), "127.0.0.1");
    const hangUp = () => {
      client.destroy();
      far.destroy();
    };
    let sent = 0;
    client.on("data", (piece) => {
      sent += piece.length;
      far.write(piece);
    });
    far.on("data", (piece) => {
      if (sent > limit) {
        hangUp();
      } else {
        client.write(piece);
      }
    });
    for (const socket of [client, far]) {
      open.add(socket);
      socket.on("error", hangUp);
      socket.on("close", () => {
        open.delete(socket);
        hangUp();
      });
    }
    if (isCut) {
      hangUp();
    }
  });
  await new Promise<void>((resolve) => {
    near.listen(0, "127.0.0.1", resolve);
  });
  const cut = () => {
    isCut = true;
    for (const socket of open) {
      socket.destroy();
    }
  };
  return {
    server: `localhost:${(near.address() as AddressInfo).port}:${security}`,
    loseAnswersAfter(bytes) {
      limit = bytes;
    },
    cut,
    end() {
      cut();
      return new Promise((resolve) => {
        near.close(() => resolve());
      });
    },
  };
}
