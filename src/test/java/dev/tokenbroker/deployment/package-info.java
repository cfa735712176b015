/**
 * What the broker is shipped in and with: images, the environment to try it in, and manifests for
 * Kubernetes. Nothing here needs a container engine: files are held to their schemas, to each other
 * and to the broker.
 */
@NullMarked
package dev.tokenbroker.deployment;

import org.jspecify.annotations.NullMarked;
