/**
 * The OIDC issuers of dev and test mode: {@code dev} signs whatever a visitor asks for, {@code ci}
 * signs for the background traffic and has the faults of the console. The build deletes this
 * package before it packs the application ({@code pom.xml}, execution {@code without-dev-issuer}).
 */
@NullMarked
package dev.tokenbroker.devissuer;

import org.jspecify.annotations.NullMarked;
