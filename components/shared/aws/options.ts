import type * as pulumi from "@pulumi/pulumi";
import type { AwsTarget } from "../../target";
import { allReady, type Ready } from "../ready";

/** Options of a resource that AWS keeps. */
export function inAws(
    target: AwsTarget,
    parent: pulumi.Resource,
    after: readonly Ready[] = [],
): pulumi.CustomResourceOptions {
    return { parent, provider: target.aws, dependsOn: allReady(after) };
}

/** Options of an object in the platform's namespace. */
export function inCluster(
    target: AwsTarget,
    parent: pulumi.Resource,
    after: readonly Ready[] = [],
): pulumi.CustomResourceOptions {
    return { parent, provider: target.kubernetes, dependsOn: allReady([target.ready, ...after]) };
}

/** Options of what holds data: outside `dev`, neither a destroy nor a replacement may remove it. */
export function withData(
    target: AwsTarget,
    parent: pulumi.Resource,
    after: readonly Ready[] = [],
): pulumi.CustomResourceOptions {
    return { ...inAws(target, parent, after), protect: target.settings.environment !== "dev" };
}
