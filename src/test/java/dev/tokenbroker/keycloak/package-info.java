/**
 * The broker against a real Keycloak. Runs in the Maven profile {@code keycloak}, which unpacks the
 * server to {@code target/keycloak}.
 *
 * <p>Stand-ins and set-up: {@link KeycloakAdmin}, {@link KeycloakFederation}, {@link
 * KeycloakLogin}, {@link KeycloakRealm}, {@link KeycloakServer}, {@link KeycloakSso}.
 */
@NullMarked
package dev.tokenbroker.keycloak;

import org.jspecify.annotations.NullMarked;
