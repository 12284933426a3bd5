import * as pulumi from "@pulumi/pulumi";
import { parseMemoryMiB } from "./memory";

/** Start of every key in the stack's file. */
export const NAMESPACE = "lakehouse";

/** Reads single values and collects what is wrong with them; a wrong value reads as a placeholder. */
export class SettingReader {
    constructor(
        private readonly raw: ReadonlyMap<string, string>,
        private readonly isSecret: (key: string) => boolean,
        private readonly mistakes: string[],
    ) {}

    refuseUnknownKeys(known: readonly string[]): void {
        for (const key of this.raw.keys()) {
            if (!known.includes(key)) {
                this.mistakes.push(
                    `${NAMESPACE}:${key}: unknown setting. Allowed: ${known.join(", ")}. ` +
                        `Remove it with: pulumi config rm ${NAMESPACE}:${key}`,
                );
            }
        }
    }

    choice<T extends string>(key: string, known: readonly T[]): T {
        const value = this.value(key);
        if (!known.includes(value as T)) {
            this.refuse(key, value, `is unknown. Allowed: ${known.join(", ")}`, known[0]!);
        }
        return value as T;
    }

    integer(key: string, min: number, max: number): number {
        const value = this.value(key);
        const number = Number(value);
        if (!/^-?\d+$/.test(value) || number < min || number > max) {
            this.refuse(key, value, `is not allowed. Allowed: a whole number from ${min} to ${max}`, String(min));
        }
        return number;
    }

    memory(key: string, minMiB: number): number {
        const value = this.value(key);
        const mebibytes = parseMemoryMiB(value);
        if (mebibytes === undefined || mebibytes < minMiB) {
            this.refuse(key, value, `is not allowed. Allowed: at least ${minMiB}m, as digits with unit m or g`, "2g");
        }
        return mebibytes ?? minMiB;
    }

    text(key: string, pattern: RegExp, allowed: string): string {
        const value = this.value(key);
        if (!pattern.test(value)) {
            this.mistakes.push(`${NAMESPACE}:${key}: '${value}' is not allowed. Allowed: ${allowed}`);
        }
        return value;
    }

    /** A text that may be left out. */
    optional(key: string, pattern: RegExp, example: string): string | undefined {
        const value = this.raw.get(key);
        if (value !== undefined && !pattern.test(value)) {
            this.refuse(key, value, `is not allowed. Allowed: a value such as ${example}`, example);
        }
        return value;
    }

    /** A text without a default. */
    required(key: string, pattern: RegExp, allowed: string, example: string): string {
        const value = this.raw.get(key);
        if (value === undefined || value === "") {
            this.mistakes.push(
                `${NAMESPACE}:${key} is not set. It must be ${allowed}. Set it with: pulumi config set ${NAMESPACE}:${key} ${example}`,
            );
        } else if (!pattern.test(value)) {
            this.refuse(key, value, `is not allowed. Allowed: ${allowed}`, example);
        }
        return value ?? "";
    }

    /** Parts of a text that commas separate; empty when it is left out. */
    list(key: string, pattern: RegExp, allowed: string, example: string): string[] {
        const parts = (this.raw.get(key) ?? "")
            .split(",")
            .map((part) => part.trim())
            .filter((part) => part !== "");
        const wrong = parts.find((part) => !pattern.test(part));
        if (wrong !== undefined) {
            this.refuse(key, wrong, `is not allowed. Allowed: ${allowed}`, example);
        }
        return parts;
    }

    /** A text that may be left out, must be encrypted where it stands, and is never shown. */
    secret(key: string, pattern: RegExp, allowed: string): pulumi.Output<string> | undefined {
        const value = this.raw.get(key);
        if (value === undefined) {
            return undefined;
        }
        const remedy = `Set it again with: pulumi config set --secret ${NAMESPACE}:${key}`;
        if (!this.isSecret(key)) {
            this.mistakes.push(`${NAMESPACE}:${key}: its value stands in clear in the stack's file. ${remedy}`);
        } else if (!pattern.test(value)) {
            this.mistakes.push(`${NAMESPACE}:${key}: the value is not allowed. Allowed: ${allowed}. ${remedy}`);
        }
        return pulumi.secret(value);
    }

    /** Refuses a setting for being there at all. */
    refuseSet(key: string, reason: string): void {
        if (this.raw.has(key)) {
            this.mistakes.push(
                `${NAMESPACE}:${key} is set, but ${reason}. Remove it with: pulumi config rm ${NAMESPACE}:${key}`,
            );
        }
    }

    flag(key: string): boolean {
        const value = this.value(key);
        if (value !== "true" && value !== "false") {
            this.refuse(key, value, "is not allowed. Allowed: true, false", "true");
        }
        return value === "true";
    }

    private value(key: string): string {
        return this.raw.get(key) ?? "";
    }

    /** Refuses a value, and says what is allowed and how to set it. */
    refuse(key: string, value: string, reason: string, example: string): void {
        this.mistakes.push(
            `${NAMESPACE}:${key}: '${value}' ${reason}. Fix it with: pulumi config set ${NAMESPACE}:${key} ${example}`,
        );
    }
}
