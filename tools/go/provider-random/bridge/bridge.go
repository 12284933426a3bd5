// Package bridge describes the random provider as a Pulumi provider.
package bridge

import (
	"context"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	info "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// Provider returns what the plugin serves: the resources of the same upstream under the published plugin's tokens,
// which keep the word "random" in each name.
func Provider(version string) info.ProviderInfo {
	resources := map[string]*info.ResourceInfo{}
	for name, token := range map[string]string{
		"random_bytes":    "RandomBytes",
		"random_id":       "RandomId",
		"random_integer":  "RandomInteger",
		"random_password": "RandomPassword",
		"random_pet":      "RandomPet",
		"random_shuffle":  "RandomShuffle",
		"random_string":   "RandomString",
		"random_uuid":     "RandomUuid",
		"random_uuid4":    "RandomUuid4",
		"random_uuid7":    "RandomUuid7",
	} {
		resources[name] = &info.ResourceInfo{Tok: info.MakeResource("random", "index", token)}
	}
	// The upstream gives no id to random bytes; a password's is this text too.
	resources["random_bytes"].ComputeID = func(context.Context, resource.PropertyMap) (resource.ID, error) {
		return "none", nil
	}
	return info.ProviderInfo{
		P:       tfbridge.ShimProvider(provider.New()),
		Name:    "random",
		Version: version,
		// There is no copy of the upstream's documentation: the schema has the descriptions of its fields only.
		UpstreamRepoPath: ".",
		Resources:        resources,
		// Required by the bridge; what it would hold (renames of past releases) does not exist here.
		MetadataInfo: info.NewProviderMetadata([]byte("{}")),
	}
}
