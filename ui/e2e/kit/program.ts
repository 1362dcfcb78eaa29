import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A program of this project's debug build. */
export function built(name: string): string {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const program = `${process.env["CARGO_TARGET_DIR"] ?? `${root}target`}/debug/${name}`;
  if (!existsSync(program)) {
    throw new Error(`${program} is missing: cargo build --bins -p mailroom-cli -p mailroom-tests`);
  }
  return program;
}

/** A program that runs beside the tests and ends with them. */
export interface Companion {
  /** The first line that it wrote, which says that it is ready. */
  ready: string;
  end(): Promise<void>;
}

/** Starts a program and waits for its first line. It ends when its standard input closes, or by a signal. */
export async function start(
  program: string,
  words: readonly string[],
  environment: Record<string, string> = {},
): Promise<Companion> {
  const child = spawn(program, words, {
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ready = await firstLine(child, program);
  return {
    ready,
    async end() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess, program: string): Promise<string> {
  if (child.stdout === null) {
    throw new Error(`${program} has no output`);
  }
  for await (const line of createInterface({ input: child.stdout })) {
    // What follows is read and dropped, so that the program never blocks.
    child.stdout.resume();
    return line;
  }
  throw new Error(`${program} ended before it was ready`);
}

/** Runs a program to its end and returns what it wrote. */
export function run(
  program: string,
  words: readonly string[],
  environment: Record<string, string>,
  input = "",
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      env: { ...process.env, ...environment },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const parts: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => parts.push(part));
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) {
        resolve(Buffer.concat(parts).toString());
      } else {
        reject(new Error(`${program} ${words.join(" ")} ended with ${status}`));
      }
    });
    child.stdin.end(input);
  });
}
