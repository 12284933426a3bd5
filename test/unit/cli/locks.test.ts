import { judgeLocks, type Lock } from "../../../tools/cli/locks";

const lock = (pid: number, hostname = "here"): Lock => ({ pid, hostname, timestamp: "2026-01-01T00:00:00Z" });
const alive = (pid: number): boolean => pid === 7;

test("no lock means free", () => {
    expect(judgeLocks([], "here", alive)).toBe("free");
});

test("a lock of a dead process on this host is stale", () => {
    expect(judgeLocks([lock(1), lock(2)], "here", alive)).toBe("stale");
});

test("a live process holds its lock, also beside a stale one", () => {
    expect(judgeLocks([lock(1), lock(7)], "here", alive)).toEqual({ heldBy: lock(7) });
});

test("the process of another host cannot be judged, so its lock holds", () => {
    expect(judgeLocks([lock(1, "there")], "here", alive)).toEqual({ heldBy: lock(1, "there") });
});
