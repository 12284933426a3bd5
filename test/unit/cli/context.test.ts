import { checkConf, checkCount, checkData, checkStackName, checkSwitch, pick } from "../../../tools/cli/context";
import { describeError, UserError } from "../../../tools/cli/errors";

/** The error that an action throws, as message and remedy. */
function refusal(action: () => unknown): [string, string | undefined] {
    try {
        action();
    } catch (error) {
        if (error instanceof UserError) return [error.message, error.remedy];
        throw error;
    }
    throw new Error("nothing was refused");
}

test("stack names", () => {
    expect(checkStackName("local")).toBe("local");
    expect(checkStackName("e2e-1")).toBe("e2e-1");
    for (const name of ["", "-x", "Local", "a b", "x;rm", "a".repeat(32)]) {
        expect(refusal(() => checkStackName(name))[0]).toBe(`STACK="${name}" is not a name for a stack`);
    }
});

test("data is only deleted when the word is written", () => {
    expect(checkData(undefined)).toBe(false);
    expect(checkData("keep")).toBe(false);
    expect(checkData("delete")).toBe(true);
    expect(refusal(() => checkData("delet"))).toEqual([
        'DATA="delet" is not known',
        "DATA=delete removes the data volumes; leave it out to keep them.",
    ]);
});

test("switches and numbers", () => {
    expect(checkSwitch("DEMO", undefined, true)).toBe(true);
    expect(checkSwitch("DEMO", "0", true)).toBe(false);
    expect(checkSwitch("FOLLOW", "1", false)).toBe(true);
    expect(refusal(() => checkSwitch("DEMO", "off", true))).toEqual([
        'DEMO="off" is not known',
        "Use DEMO=0 or DEMO=1.",
    ]);
    expect(checkCount("LINES", undefined, 100)).toBe(100);
    expect(checkCount("LINES", "7", 100)).toBe(7);
    expect(refusal(() => checkCount("LINES", "-7", 100))[0]).toBe('LINES="-7" is not a number');
});

test("parameters of a run are a JSON object", () => {
    expect(checkConf(undefined)).toEqual({});
    expect(checkConf('{"dry_run": true}')).toEqual({ dry_run: true });
    for (const conf of ["dry_run", "[1]", "null", '"text"']) {
        expect(refusal(() => checkConf(conf))).toEqual([
            `CONF="${conf}" is not a JSON object`,
            `For example CONF='{"dry_run": true}'.`,
        ]);
    }
});

test("an unknown name is answered with the known ones", () => {
    const known = ["dbt", "minio"];
    expect(pick("service", "SERVICE", "dbt", known)).toBe("dbt");
    expect(refusal(() => pick("service", "SERVICE", "mino", known))).toEqual([
        "there is no service called mino",
        "Known: dbt, minio",
    ]);
    expect(refusal(() => pick("DAG", "DAG", undefined, []))).toEqual([
        "name a DAG with DAG=",
        "There is none yet; start the stack with: make up",
    ]);
});

describe("what the terminal shows of an error", () => {
    test("a user's mistake is message and remedy, with its own exit code", () => {
        const error = new UserError("the engine does not answer", "start it", 3);
        expect(describeError(error, false)).toEqual({
            text: "error: the engine does not answer\n  start it",
            exitCode: 3,
        });
        expect(describeError(error, true).text).toContain("context.test.ts");
    });

    test("a bug shows its trace only on demand", () => {
        const { text, exitCode } = describeError(new Error("boom"), false);
        expect(text).toBe("error: boom\n  This looks like a bug of the command; DEBUG=1 shows where.");
        expect(exitCode).toBe(70);
        expect(describeError(new Error("boom"), true).text).toContain("context.test.ts");
    });
});
