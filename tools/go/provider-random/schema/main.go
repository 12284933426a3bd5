// Command schema prints the plugin's Pulumi package schema: schema VERSION.
package main

import (
	"context"
	"log"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/terraform-providers/terraform-provider-random/pulumi/bridge"
)

func main() {
	generated, err := tfgen.GenerateSchema(context.Background(), tfgen.GenerateSchemaOptions{
		ProviderInfo:    bridge.Provider(os.Args[1]),
		DiagnosticsSink: diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: colors.Never}),
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stdout.Write(generated.ProviderMetadata.PackageSchema); err != nil {
		log.Fatal(err)
	}
}
