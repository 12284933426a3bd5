import { clock, duration } from "./format";
import { shortName } from "./recovery";

/** The engine events of `pulumi up --json` that are worth a line. */
export interface EngineEvent {
    resourcePreEvent?: { metadata: Step };
    resOutputsEvent?: { metadata: Step };
    resOpFailedEvent?: { metadata: Step };
    diagnosticEvent?: Diagnostic;
    stdoutEvent?: { message: string };
    summaryEvent?: {
        resourceChanges?: Record<string, number>;
        result?: string;
    };
}

interface Diagnostic {
    message: string;
    severity: string;
    ephemeral?: boolean;
}

interface Step {
    op: string;
    urn: string;
    type: string;
    old?: { retainOnDelete?: boolean } | null;
}

const DONE: Record<string, string> = {
    create: "created",
    update: "updated",
    delete: "deleted",
    replace: "replaced",
    "create-replacement": "created",
    "delete-replaced": "deleted",
    discard: "forgotten",
    "discard-replaced": "forgotten",
};

/** "same" and reads say nothing; "replace" only marks a pair of steps that are shown themselves. */
const SILENT = new Set(["same", "read", "refresh", "replace"]);

/**
 * Turns Pulumi's event stream into short lines for a log. Only names, types, diagnostics and counts are
 * ever printed: property values, where a secret could hide, are not looked at.
 */
export class UpdateLog {
    private readonly begun: number;
    private readonly running = new Map<string, { what: string; since: number }>();

    constructor(
        private readonly write: (line: string) => void,
        private readonly now: () => number = () => Date.now() / 1000,
    ) {
        this.begun = this.now();
    }

    /** Takes one line of Pulumi's standard output. */
    line(text: string): void {
        if (text.trim() === "") return;
        const event = parseEvent(text);
        if (event) this.event(event);
        else this.write(text);
    }

    event(event: EngineEvent): void {
        if (event.resourcePreEvent) this.started(event.resourcePreEvent.metadata);
        if (event.resOutputsEvent) this.done(event.resOutputsEvent.metadata);
        if (event.resOpFailedEvent) this.failed(event.resOpFailedEvent.metadata);
        if (event.diagnosticEvent && isForPeople(event.diagnosticEvent)) {
            const { severity, message } = event.diagnosticEvent;
            const text = plain(message).trimEnd();
            if (text !== "") {
                this.say(severity.startsWith("info") ? text : `${severity}: ${text}`);
            }
        }
        if (event.stdoutEvent) this.say(plain(event.stdoutEvent.message).trimEnd());
        if (event.summaryEvent) {
            const { resourceChanges, result } = event.summaryEvent;
            const before = result === undefined || result === "succeeded" ? "" : `${result}; until then: `;
            this.say(before + summary(resourceChanges ?? {}));
        }
    }

    /** Says what is still under way; called now and then so that a long step does not look dead. */
    tick(): void {
        if (this.running.size === 0) return;
        const open = [...this.running.values()].map(({ what, since }) => `${what} (${duration(this.now() - since)})`);
        this.say(`still at it: ${open.join(", ")}`);
    }

    private started(step: Step): void {
        if (SILENT.has(step.op) || isComponent(step.type)) return;
        this.running.set(step.urn, { what: label(step), since: this.now() });
    }

    private done(step: Step): void {
        const open = this.running.get(step.urn);
        if (!open || SILENT.has(step.op)) return;
        this.running.delete(step.urn);
        this.say(`${ending(step)} ${open.what} (${duration(this.now() - open.since)})`);
    }

    private failed(step: Step): void {
        this.running.delete(step.urn);
        this.say(`FAILED to ${step.op} ${label(step)}`);
    }

    private say(text: string): void {
        this.write(`${clock(this.now() - this.begun).padStart(6)}  ${text}`);
    }
}

/** The closing line: how many changes of which kind there were. */
export function summary(changes: Readonly<Record<string, number>>): string {
    const parts = Object.entries(changes)
        .filter(([op, amount]) => op !== "same" && amount > 0)
        .map(([op, amount]) => `${amount} ${DONE[op] ?? op}`)
        .sort();
    const same = `${changes.same ?? 0} as they were`;
    return parts.length === 0 ? `no changes, ${same}` : [...parts, same].join(", ");
}

function parseEvent(text: string): EngineEvent | undefined {
    if (!text.startsWith("{")) return undefined;
    try {
        return JSON.parse(text) as EngineEvent;
    } catch {
        return undefined;
    }
}

const label = (step: Step): string => `${step.type.split(":").pop() ?? step.type} ${shortName(step.urn)}`;

/** Debug messages come with the stream whether wanted or not, and could hold anything. */
const isForPeople = ({ severity, ephemeral }: Diagnostic): boolean => severity !== "debug" && !ephemeral;

/** What became of a resource. A volume with data to keep leaves the state and stays on the machine. */
const ending = ({ op, old }: Step): string =>
    op === "delete" && old?.retainOnDelete === true ? "kept" : (DONE[op] ?? op);

/** Components and the stack itself do no work of their own. */
const isComponent = (type: string): boolean => type.startsWith("pulumi:") || type.startsWith("lakehouse:");

/** Takes Pulumi's colour marks out. */
const plain = (message: string): string => message.replace(/<\{%[^%]*%\}>/g, "");
