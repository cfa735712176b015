@NullMarked
package dev.tokenbroker.issue.github;

import org.jspecify.annotations.NullMarked;
