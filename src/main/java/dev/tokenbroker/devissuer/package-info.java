/**
 * The OIDC issuer of dev and test mode, which signs whatever it is asked to. The build deletes this
 * package before it packs the application ({@code pom.xml}, execution {@code without-dev-issuer}).
 */
@NullMarked
package dev.tokenbroker.devissuer;

import org.jspecify.annotations.NullMarked;
