import { spawnSync } from "child_process";
import * as fs from "fs";
import * as os from "os";
import * as path from "path";
import { load } from "js-yaml";
import { PROJECT } from "./support/mocks";

/** What these tests read of a workflow (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax). */
interface Workflow {
    readonly on: Record<string, unknown>;
    readonly permissions?: Record<string, string>;
    readonly jobs: Record<string, Job>;
}

interface Job {
    readonly permissions?: Record<string, string>;
    readonly "timeout-minutes"?: number;
    readonly steps: readonly Step[];
}

interface Step {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Record<string, unknown>;
}

const DIRECTORY = path.join(PROJECT, ".github/workflows");

/** What a job's token may do, each with a reason in the workflow; anything else fails. */
const RIGHTS: Record<string, Record<string, string>> = {
    "preview.yml preview": { contents: "read", "id-token": "write" },
    "preview.yml comment": { "pull-requests": "write" },
};

/**
 * Judges a workflow.
 *
 * @returns what is wrong, each with the place
 */
function mistakes(file: string, text: string): string[] {
    const workflow = load(text) as Workflow;
    const found: string[] = [];
    if (JSON.stringify(workflow.permissions) !== "{}") {
        found.push(`${file}: the workflow's own permissions are not empty`);
    }
    if ("pull_request_target" in workflow.on) {
        found.push(`${file}: pull_request_target gives a fork's code the project's rights`);
    }
    for (const [name, job] of Object.entries(workflow.jobs)) {
        const place = `${file} ${name}`;
        if (JSON.stringify(job.permissions) !== JSON.stringify(RIGHTS[place])) {
            found.push(`${place}: permissions are ${JSON.stringify(job.permissions)}`);
        }
        if (job["timeout-minutes"] === undefined) {
            found.push(`${place}: no timeout`);
        }
        for (const { uses, run, with: inputs } of job.steps) {
            if (uses !== undefined && !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(uses)) {
                found.push(`${place}: ${uses} is not pinned by a commit`);
            }
            if (uses?.startsWith("actions/checkout@") && inputs?.["persist-credentials"] !== false) {
                found.push(`${place}: the checkout leaves a token on disk`);
            }
            // An expression in a script is replaced before the shell sees it: whoever names a branch writes the script.
            if (run?.includes("${{")) {
                found.push(`${place}: a script holds an expression`);
            }
            if (run?.includes("--show-secrets")) {
                found.push(`${place}: a script shows secrets`);
            }
        }
    }
    // The version of a commit is for people; without it nobody sees what is old.
    for (const line of text.split("\n").filter((each) => each.includes("uses: "))) {
        if (!/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)) {
            found.push(`${file}: '${line.trim()}' lacks the version`);
        }
    }
    if (text.includes("secrets.")) {
        found.push(`${file}: reads a stored secret`);
    }
    return found;
}

const workflows = fs.readdirSync(DIRECTORY).map((file) => ({
    file,
    text: fs.readFileSync(path.join(DIRECTORY, file), "utf8"),
}));

test("each job of a workflow has a judgement", () => {
    const jobs = workflows.flatMap(({ file, text }) =>
        Object.keys((load(text) as Workflow).jobs).map((name) => `${file} ${name}`),
    );
    expect(jobs.sort()).toEqual(Object.keys(RIGHTS).sort());
});

test.each(workflows)("$file is pinned, has the least rights and shows no secret", ({ file, text }) => {
    expect(mistakes(file, text)).toEqual([]);
});

test("what is wrong with a workflow is found", () => {
    const bad = `
on: { pull_request_target: {} }
permissions: write-all
jobs:
  preview:
    permissions: { contents: write }
    steps:
      - uses: actions/checkout@v6
      - run: echo "\${{ github.head_ref }}"; pulumi stack output --show-secrets
        env: { TOKEN: "\${{ secrets.TOKEN }}" }
`;
    expect(mistakes("preview.yml", bad)).toEqual([
        "preview.yml: the workflow's own permissions are not empty",
        "preview.yml: pull_request_target gives a fork's code the project's rights",
        'preview.yml preview: permissions are {"contents":"write"}',
        "preview.yml preview: no timeout",
        "preview.yml preview: actions/checkout@v6 is not pinned by a commit",
        "preview.yml preview: the checkout leaves a token on disk",
        "preview.yml preview: a script holds an expression",
        "preview.yml preview: a script shows secrets",
        "preview.yml: '- uses: actions/checkout@v6' lacks the version",
        "preview.yml: reads a stored secret",
    ]);
});

test("the preview uses the Pulumi version of the project", () => {
    const versions = fs.readFileSync(path.join(PROJECT, "tools/versions.env"), "utf8");
    const version = /^PULUMI_VERSION=(\S+)$/m.exec(versions)![1];
    const { text } = workflows.find(({ file }) => file === "preview.yml")!;
    const steps = (load(text) as Workflow).jobs.preview!.steps;
    expect(steps.find(({ uses }) => uses?.startsWith("pulumi/"))!.with).toEqual({ "pulumi-version": version });
});

/** Runs a script of the preview as GitHub does, with commands of ours in place of those of the same name. */
function runScript(job: string, commands: Record<string, string>, env: Record<string, string> = {}) {
    const { jobs } = load(workflows.find(({ file }) => file === "preview.yml")!.text) as Workflow;
    const script = jobs[job]!.steps.flatMap(({ run }) => run ?? []).at(-1)!;
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "lakehouse-workflow-"));
    try {
        for (const [name, text] of Object.entries(commands)) {
            fs.writeFileSync(path.join(directory, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
        }
        const { status } = spawnSync("bash", ["-e", "-c", script], {
            cwd: directory,
            env: { PATH: `${directory}:${process.env.PATH}`, GITHUB_OUTPUT: path.join(directory, "output"), ...env },
        });
        const read = (name: string): string =>
            fs.existsSync(path.join(directory, name)) ? fs.readFileSync(path.join(directory, name), "utf8") : "";
        return { status, output: read("output"), calls: read("calls"), comment: read("comment.md") };
    } finally {
        fs.rmSync(directory, { recursive: true });
    }
}

test("the preview hands over its diff, and fails after that if it failed", () => {
    const good = runScript("preview", { pulumi: 'echo "$@" >calls; echo "+ aws:s3/bucket:Bucket"' });
    expect(good).toMatchObject({ status: 0, calls: "preview --stack aws --diff --non-interactive --color never\n" });
    expect(good.output).toMatch(/^result=done\ndiff<<(end-\w{32})\n\+ aws:s3\/bucket:Bucket\n\n\1\n$/);

    const failed = runScript("preview", { pulumi: "echo error: no credentials >&2; exit 255" });
    expect(failed.status).toBe(255);
    expect(failed.output).toMatch(/^result=failed\ndiff<<(end-\w{32})\nerror: no credentials\n\n\1\n$/);
});

describe("the preview's comment", () => {
    const ENV = { COMMENTS: "repos/o/r/issues/7/comments", RUN: "https://run", RESULT: "done", DIFF: "+ a\n``` - b" };
    const gh = (found: string): string => `echo "$@" >>calls; [[ "$*" != *--paginate* ]] || printf '${found}'`;

    test("is written once", () => {
        const { status, calls, comment } = runScript("comment", { gh: gh("") }, ENV);
        expect(status).toBe(0);
        expect(calls).toContain("api --method POST repos/o/r/issues/7/comments --field body=@comment.md --silent");
        expect(comment).toBe(
            "<!-- preview of stack aws -->\n`pulumi preview --stack aws --diff`: done ([log](https://run))\n\n    + a\n    ``` - b\n",
        );
    });

    test("is written anew by the next run", () => {
        const { status, calls } = runScript("comment", { gh: gh("42\\n43\\n") }, ENV);
        expect(status).toBe(0);
        expect(calls).toContain("api --method PATCH repos/o/r/issues/comments/42 --field body=@comment.md --silent");
        expect(calls).not.toContain("POST");
    });

    test("is not longer than GitHub allows", () => {
        const { comment } = runScript("comment", { gh: gh("") }, { ...ENV, DIFF: "+\n".repeat(30_000) });
        expect(comment).toHaveLength(65_000);
    });
});
