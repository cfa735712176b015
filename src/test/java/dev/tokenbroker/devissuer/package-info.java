/** Holds the development issuer to what it promises, and production builds to being without it. */
@NullMarked
package dev.tokenbroker.devissuer;

import org.jspecify.annotations.NullMarked;
