/** The broker with the API servers of Kubernetes clusters as issuers. */
@NullMarked
package dev.tokenbroker.kubernetes;

import org.jspecify.annotations.NullMarked;
