/**
 * The issuer embedded in dev and test mode: an ordinary OIDC issuer under {@code /dev-issuer} of
 * the broker's HTTP port, which signs whatever it is asked to, sound or flawed on purpose, and
 * shows what the broker makes of it.
 *
 * <p>It trusts everybody, so it must not exist where it matters: its beans are only built in dev
 * and test mode, and the build deletes the whole package before it packs the application ({@code
 * pom.xml}, execution {@code without-dev-issuer}; {@code ProductionArchiveIT} holds it to that).
 * Nothing may call this package, and it calls the broker over gRPC and HTTP, as other clients do.
 */
@NullMarked
package dev.tokenbroker.devissuer;

import org.jspecify.annotations.NullMarked;
