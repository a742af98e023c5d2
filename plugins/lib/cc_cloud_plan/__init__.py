"""What has to be done to a cloud so that it is as its site says; nothing here talks to it.

Each module compares what a site wants with what module ``cc_cloud_state`` read, and returns a
:class:`~cc_cloud_plan.steps.Plan`. Objects have the attribute names of openstacksdk.
"""
