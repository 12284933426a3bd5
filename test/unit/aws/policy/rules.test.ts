import { BAD_DATA } from "./bad/data";
import { BAD_IDENTITY } from "./bad/identity";
import { BAD_NETWORK } from "./bad/network";
import { BAD_PODS } from "./bad/pods";
import { deployment } from "./bad/example";
import type { Rule } from "./rule";
import { RULES } from "./rules";

const BAD = [...BAD_DATA, ...BAD_IDENTITY, ...BAD_NETWORK, ...BAD_PODS];

test.each(BAD)("'$rule.name' finds $what", ({ rule, resources, environment = "dev", findings }) => {
    expect(resources.flatMap((resource) => rule.check(resource, { resources, environment }))).toEqual(findings);
});

test("every rule has a bad example, and every rule with one is in the pack", () => {
    const namesOf = (rules: readonly Rule[]): string[] => [...new Set(rules.map(({ name }) => name))].sort();
    expect(namesOf(BAD.map(({ rule }) => rule))).toEqual(namesOf(RULES));
});

test("a deployment that none of the examples has changed breaks no rule", () => {
    const resources = [deployment()];
    expect(RULES.flatMap((rule) => rule.check(resources[0]!, { resources, environment: "prod" }))).toEqual([]);
});

test("rules are told apart and say why they are there", () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
    expect(RULES.filter(({ description }) => description.length < 20)).toEqual([]);
});
