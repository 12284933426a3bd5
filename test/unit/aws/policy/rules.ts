import type { Rule } from "./rule";
import { keptVersions, noPublicBucket, tlsOnly } from "./rules/buckets";
import { encrypted, encryptedOnTheWay, judged, protectedData, tagged } from "./rules/data";
import { knownManagedPolicies, leastRbac, namedPrincipals, noKeys, noWildcard } from "./rules/identity";
import { noOpenPort, noPublicService, privateApi, privateNodes } from "./rules/network";
import { confinedPods, noNeedlessToken, pinnedImages, sizedPods } from "./rules/pods";
import { noPlainSecret, secretsInTheirPlace } from "./rules/secrets";

/** What must hold for every resource of the platform. */
export const RULES: readonly Rule[] = [
    judged,
    noPublicBucket,
    tlsOnly,
    keptVersions,
    noOpenPort,
    privateApi,
    privateNodes,
    noPublicService,
    encrypted,
    encryptedOnTheWay,
    tagged,
    protectedData,
    noWildcard,
    namedPrincipals,
    knownManagedPolicies,
    noKeys,
    leastRbac,
    noPlainSecret,
    secretsInTheirPlace,
    confinedPods,
    sizedPods,
    pinnedImages,
    noNeedlessToken,
];
