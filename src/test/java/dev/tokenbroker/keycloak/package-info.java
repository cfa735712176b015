/**
 * The broker against a real Keycloak. Runs in the Maven profile {@code keycloak}, which unpacks the
 * server to {@code target/keycloak}.
 */
@NullMarked
package dev.tokenbroker.keycloak;

import org.jspecify.annotations.NullMarked;
