package dev.tokenbroker;

import org.junit.platform.suite.api.IncludeClassNamePatterns;
import org.junit.platform.suite.api.IncludeTags;
import org.junit.platform.suite.api.SelectPackages;
import org.junit.platform.suite.api.Suite;

/**
 * Runs the tests with the tag {@code store} a second time with a real server as the store: {@code
 * -Dtest.store=valkey}, in the profile {@code store}. Those with a running application get it by
 * settings, the others by {@code ChosenStore}.
 */
@Suite
@SelectPackages("dev.tokenbroker")
@IncludeClassNamePatterns(".*Test")
@IncludeTags("store")
class WithStoreSuite {}
