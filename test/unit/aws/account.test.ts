import * as fs from "fs";
import * as http from "http";
import type { AddressInfo } from "net";
import * as os from "os";
import * as path from "path";
import { UserError } from "../../../components/shared/user-error";
import { accountOf, readAccount } from "../../../components/target/aws-account";
import { ACCOUNT, type AwsRegistration, awsSettings, inStack, recordAws, settle } from "./support";

/** Everything of this machine from which the SDK could take credentials or an address. */
const VARIABLES = /^AWS_/;

/** What STS sends. */
interface Reply {
    readonly status: number;
    readonly body: string;
}

const caller = (arn: string): Reply => ({
    status: 200,
    body:
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
        `<Arn>${arn}</Arn><UserId>AROA:ci</UserId><Account>${ACCOUNT}</Account>` +
        "</GetCallerIdentityResult></GetCallerIdentityResponse>",
});
const refusal = (code: string, message: string): Reply => ({
    status: 403,
    body:
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>' +
        `<Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
});

describe("the account", () => {
    const before = { ...process.env };
    let directory: string;
    let server: http.Server;
    let reply: Reply;
    let asked: { host: string | undefined; authorization: string | undefined }[];

    beforeAll(async () => {
        directory = fs.mkdtempSync(path.join(os.tmpdir(), "lakehouse-aws-"));
        server = http.createServer((request, response) => {
            asked.push({ host: request.headers.host, authorization: request.headers.authorization });
            response.writeHead(reply.status, { "content-type": "text/xml" }).end(reply.body);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });

    beforeEach(() => {
        asked = [];
        Object.keys(process.env)
            .filter((key) => VARIABLES.test(key))
            .forEach((key) => delete process.env[key]);
        const none = path.join(directory, "none");
        Object.assign(process.env, {
            AWS_CONFIG_FILE: none,
            AWS_SHARED_CREDENTIALS_FILE: none,
            AWS_EC2_METADATA_DISABLED: "true",
            AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
            AWS_SECRET_ACCESS_KEY: "secret-of-the-test",
        });
    });

    afterAll(async () => {
        Object.keys(process.env)
            .filter((key) => VARIABLES.test(key))
            .forEach((key) => delete process.env[key]);
        Object.assign(process.env, before);
        fs.rmSync(directory, { recursive: true });
        await new Promise((resolve) => server.close(resolve));
    });

    test("is the caller's, asked at the address that AWS_ENDPOINT_URL names", async () => {
        const callerArn = `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/ci`;
        reply = caller(callerArn);
        expect(await readAccount("eu-west-1")).toEqual({ accountId: ACCOUNT, partition: "aws", callerArn });
        expect(asked).toHaveLength(1);
        expect(asked[0]!.authorization).toContain("AKIAEXAMPLE/");
        expect(asked[0]!.authorization).toContain("/eu-west-1/sts/");
    });

    test("cannot be asked for without credentials", async () => {
        delete process.env.AWS_ACCESS_KEY_ID;
        delete process.env.AWS_SECRET_ACCESS_KEY;
        const error = await readAccount("eu-west-1").catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(UserError);
        expect((error as Error).message).toMatch(
            /^No AWS credentials for the target aws \(CredentialsProviderError: .*\)\. Give some by one of: AWS_PROFILE with a profile .*AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.*\.$/,
        );
        expect(asked).toEqual([]);
    });

    test("cannot be asked for with the name of a profile that is not there", async () => {
        delete process.env.AWS_ACCESS_KEY_ID;
        delete process.env.AWS_SECRET_ACCESS_KEY;
        process.env.AWS_PROFILE = "nobody";
        await expect(readAccount("eu-west-1")).rejects.toThrow(
            /^No AWS credentials for the target aws \(CredentialsProviderError: .*, AWS_PROFILE is 'nobody'\)\. Give some by/,
        );
    });

    test.each([
        [
            "ExpiredToken",
            "The security token included in the request is expired",
            /^The AWS credentials have expired \(ExpiredToken\w*: The security token .* is expired\)\. Renew them\. Give some by one of: /,
        ],
        [
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            /^AWS refuses the credentials in the region eu-west-1 \(InvalidClientTokenId: The security token .* invalid\.\)\. Give some by one of: /,
        ],
    ])("is not told to credentials that AWS answers with %s", async (code, message, expected) => {
        reply = refusal(code, message);
        const error = await readAccount("eu-west-1").catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(UserError);
        expect((error as Error).message).toMatch(expected);
        expect((error as Error).message).not.toContain("secret-of-the-test");
    });

    test("cannot be asked for where nobody answers", async () => {
        process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:1";
        await expect(readAccount("eu-west-1")).rejects.toThrow(
            /^AWS cannot be reached in the region eu-west-1 \(.*\)\. Check lakehouse:region, the network and its proxy, and AWS_ENDPOINT_URL if it is set\.$/,
        );
    });

    test("must not be in China", () => {
        expect(accountOf(ACCOUNT, `arn:aws-us-gov:iam::${ACCOUNT}:user/jo`, "us-gov-west-1").partition).toBe(
            "aws-us-gov",
        );
        expect(() => accountOf(ACCOUNT, `arn:aws-cn:iam::${ACCOUNT}:user/jo`, "cn-north-1")).toThrow(
            /^lakehouse:region: 'cn-north-1' is in China, .* Fix it with: pulumi config set lakehouse:region eu-central-1$/,
        );
    });

    test("comes before everything: without one, nothing is registered", async () => {
        delete process.env.AWS_ACCESS_KEY_ID;
        delete process.env.AWS_SECRET_ACCESS_KEY;
        const registrations: AwsRegistration[] = [];
        await recordAws(registrations);
        const { createTarget } = await import("../../../components/target");
        await expect(inStack(() => createTarget("target", awsSettings()))).rejects.toThrow(
            "No AWS credentials for the target aws",
        );
        await settle();
        expect(registrations).toEqual([]);
    });
});
