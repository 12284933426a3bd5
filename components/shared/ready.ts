import * as pulumi from "@pulumi/pulumi";

/**
 * Handle for `dependsOn`: it resolves once what it stands for is healthy, so that the start order follows health.
 * Facts of a component stay plain values beside it; a preview can then tell what really changes.
 */
export type Ready = pulumi.Output<pulumi.Resource[]>;

/** Resolves once all of the given ones have. */
export function allReady(ready: readonly Ready[]): Ready {
    return pulumi.all([...ready]).apply((resources) => resources.flat());
}
