import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * Generates a password of letters and digits, which need no quoting in URLs, environments and files.
 *
 * @param name logical name of the resource
 * @param parent component that owns it
 * @param length number of characters; each holds 5.9 bits
 * @returns the password, secret
 */
export function generatePassword(name: string, parent: pulumi.Resource, length = 32): pulumi.Output<string> {
    return pulumi.secret(new random.RandomPassword(name, { length, special: false }, { parent }).result);
}
