/** What end-to-end tests stand on: the real servers, on free ports. */
package dev.tokenmeter.standalone.testkit;
