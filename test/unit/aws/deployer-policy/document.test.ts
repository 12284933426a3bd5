import * as fs from "fs";
import * as path from "path";
import { CONFIGURATIONS } from "../configurations";
import { type AwsRegistration, PROJECT, runAwsProgram } from "../support";
import { ACTIONS, BESIDE } from "./actions";
import { allActions, renderDeployerPolicy } from "./document";

/** The file that docs/aws.md tells to attach; LAKEHOUSE_WRITE_POLICY=1 writes it anew. */
const FILE = path.join(PROJECT, "docs/aws-deployer-policy.json");

interface Policy {
    readonly Statement: readonly {
        readonly Action: readonly string[];
        readonly Resource: string | readonly string[];
    }[];
}

describe("the deployer's policy", () => {
    const registrations: AwsRegistration[] = [];

    beforeAll(async () => {
        // Between them, these two register every type; the policy pack notices one that only another registers.
        await runAwsProgram(CONFIGURATIONS.production, registrations);
        await runAwsProgram(CONFIGURATIONS["existing-network"], registrations);
    }, 300_000);

    test("covers every type that the program registers, and no other", () => {
        const types = registrations.map(({ type }) => type).filter((type) => type.startsWith("aws:"));
        expect(Object.keys(ACTIONS).sort()).toEqual([...new Set(types)].sort());
    });

    // A pattern of the policy, as IAM reads it.
    const matches = (pattern: string, arn: string): boolean =>
        new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(arn);

    test("covers the names that the program gives", () => {
        const forms: Record<string, (inputs: AwsRegistration["inputs"]) => string> = {
            "aws:cloudwatch/logGroup:LogGroup": ({ name }) => `arn:aws:logs:r:1:log-group:${name}`,
            "aws:ecr/repository:Repository": ({ name }) => `arn:aws:ecr:r:1:repository/${name}`,
            "aws:eks/cluster:Cluster": ({ name }) => `arn:aws:eks:r:1:cluster/${name}`,
            "aws:glue/catalogDatabase:CatalogDatabase": ({ name }) => `arn:aws:glue:r:1:database/${name}`,
            "aws:iam/role:Role": ({ name }) => `arn:aws:iam::1:role/${name}`,
            "aws:rds/instance:Instance": ({ identifier }) => `arn:aws:rds:r:1:db:${identifier}`,
            "aws:rds/parameterGroup:ParameterGroup": ({ name }) => `arn:aws:rds:r:1:pg:${name}`,
            "aws:rds/subnetGroup:SubnetGroup": ({ name }) => `arn:aws:rds:r:1:subgrp:${name}`,
            "aws:s3/bucket:Bucket": ({ bucket }) => `arn:aws:s3:::${bucket}`,
            "aws:secretsmanager/secret:Secret": ({ name }) => `arn:aws:secretsmanager:r:1:secret:${name}-AbCdEf`,
        };
        const patterns = (JSON.parse(renderDeployerPolicy()) as Policy).Statement.flatMap(
            ({ Resource }) => Resource,
        ).filter((pattern) => pattern !== "*");
        const arns = registrations.flatMap(({ type, inputs }) => forms[type]?.(inputs) ?? []);
        expect(arns.length).toBeGreaterThan(50);
        expect(arns.filter((arn) => !patterns.some((pattern) => matches(pattern, arn)))).toEqual([]);
    });

    test("grants each action once, and none without a use", () => {
        const granted = (JSON.parse(renderDeployerPolicy()) as Policy).Statement.flatMap(({ Action }) => Action);
        expect([...granted].sort()).toEqual(allActions());
        expect(granted.filter((action) => !/^[a-z0-9]+:[A-Z]\w+$/.test(action))).toEqual([]);
    });

    test("is what the file says", () => {
        if (process.env.LAKEHOUSE_WRITE_POLICY) {
            fs.writeFileSync(FILE, renderDeployerPolicy());
        }
        expect(fs.readFileSync(FILE, "utf8")).toBe(renderDeployerPolicy());
    });

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 10,240 characters without white space.
    test("fits a role's own policies", () => {
        expect(renderDeployerPolicy().replace(/\s/g, "").length).toBeLessThanOrEqual(10_240);
    });

    test("tells what actions beside resources are for", () => {
        expect(Object.keys(BESIDE).filter((use) => use.length < 10)).toEqual([]);
    });
});
