/**
 * What the broker is shipped in and with: images, the environment to try it in, and manifests for
 * Kubernetes. Nothing here needs a container engine: files are held to their schemas, to each other
 * and to the broker.
 *
 * <p>Stand-ins and set-up: {@link Callers}, {@link Chart}, {@link ChartTrial}, {@link Credentials},
 * {@link Documents}, {@link KubernetesSchema}, {@link ManifestRules}, {@link Manifests}, {@link
 * Sbom}, {@link Trial}, {@link TriedConsole}, {@link TypedModels}.
 */
@NullMarked
package dev.tokenbroker.deployment;

import org.jspecify.annotations.NullMarked;
