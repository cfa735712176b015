/**
 * The OIDC issuers of dev and test mode: {@code dev} signs whatever a visitor asks for, {@code ci}
 * signs for the background traffic and has the faults of the console. The Maven profile {@code dev}
 * makes this package part of the application; every other build compiles it with the tests only.
 */
@NullMarked
package dev.tokenbroker.devissuer;

import org.jspecify.annotations.NullMarked;
