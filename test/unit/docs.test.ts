import * as fs from "fs";
import * as path from "path";
import { load } from "js-yaml";
import { PROJECT } from "./support/mocks";

const read = (file: string): string => fs.readFileSync(path.join(PROJECT, file), "utf8");

/** Value of a sum of products, as documents write them. */
function evaluate(expression: string): number {
    const inner = /\(([^()]*)\)/.exec(expression);
    if (inner !== null) {
        return evaluate(expression.replace(inner[0], String(evaluate(inner[1]!))));
    }
    return expression
        .split("+")
        .map((term) => term.split("×").reduce((product, factor) => product * Number(factor.replaceAll(",", "")), 1))
        .reduce((sum, term) => sum + term, 0);
}

describe("docs/aws.md", () => {
    const text = read("docs/aws.md");

    test("calculates correctly", () => {
        const sums = [...text.matchAll(/([(\d][\d.,×+() ]*[\d)]) = ([\d,]+\.(\d+))/g)];
        expect(sums.length).toBeGreaterThan(28);
        const wrong = sums.filter(
            ([, expression, result, decimals]) =>
                evaluate(expression!).toFixed(decimals!.length) !== result!.replaceAll(",", ""),
        );
        expect(wrong.map(([all]) => all)).toEqual([]);
    });

    test("leads to files that are there", () => {
        const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1]!);
        const named = [...text.matchAll(/`((?:components|images|dags|docs|\.github)\/[\w./-]+)`/g)].map(
            (match) => `../${match[1]}`,
        );
        const files = [...targets, ...named].map((target) => path.join("docs", target));
        expect(files.length).toBeGreaterThan(8);
        expect(files.filter((file) => !fs.existsSync(path.join(PROJECT, file)))).toEqual([]);
    });

    test("leads to its own headings", () => {
        const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!.toLowerCase().replaceAll(" ", "-"));
        const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1]!);
        expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
    });
});

test("README's table has every setting of Pulumi.yaml, with its default", () => {
    const { config } = load(read("Pulumi.yaml")) as { config: Record<string, { default?: string | number | boolean }> };
    const table = read("README.md").split("## Configuration")[1]!.split("\n## ")[0]!;
    const missing = Object.entries(config).filter(([key, { default: value }]) => {
        const row = table.split("\n").find((line) => line.startsWith(`| \`${key.replace("lakehouse:", "")}\``));
        return row === undefined || (value !== undefined && !row.includes(`| \`${String(value)}\` |`));
    });
    expect(missing.map(([key]) => key)).toEqual([]);
});

test("README's table has the settings without a default, too", () => {
    const table = read("README.md").split("## Configuration")[1]!.split("\n## ")[0]!;
    const keys = ["region", "owner", "awsApiAccess", "awsVpcId", "awsPrivateSubnetIds", "awsAdminArns", "catalogUri"];
    expect(keys.filter((key) => !table.includes(`\`${key}\``))).toEqual([]);
});
