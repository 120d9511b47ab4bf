"""The decision procedure behind `compare`: is there a request that one side allows and the other does not?"""
